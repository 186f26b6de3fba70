# docker build --tag latchkey .
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc tsconfig.base.json LICENSE ./
COPY scripts ./scripts
COPY packages ./packages
RUN node scripts/prepare.mjs --program

# The program holds all that it needs, and Node 24 has SQLite: nothing is installed.
FROM node:24-bookworm-slim
COPY --from=build /source/packages/cli/package.json /source/LICENSE /app/
COPY --from=build /source/packages/cli/dist /app/dist
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=7400 LATCHKEY_DATA_DIR=/data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 7400
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "/app/dist/main.js"]
CMD ["serve"]
