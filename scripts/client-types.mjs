/**
 * The declarations of the client for its package: those that the compiler makes of its sources, and beside them the types
 * of the contract, written out, so that they need no other package.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { isTestFile, typescriptFiles } from './files.mjs';
import { root } from './run.mjs';

const SOURCES = path.join(root, 'packages', 'sdk', 'src');
/** A module of made-up name that names each type of the contract that the client uses. */
const QUESTIONS = path.join(SOURCES, 'contract-types.ts');
const CONTRACT = /(["'])@latchkey\/contract(?:\/[\w-]+)?\1/g;
const PARTS = /** @type {const} */ (['params', 'query', 'body', 'result']);
const genericOf = (/** @type {string} */ part) => `${part[0]?.toUpperCase()}${part.slice(1)}Of`;
/** Types that the declarations define themselves. */
const OWN = ['Endpoint', ...PARTS.map(genericOf)];

/** @type {ts.CompilerOptions} */
const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['source'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  rewriteRelativeImportExtensions: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  declaration: true,
  emitDeclarationOnly: true,
  // `npm run check` reports type errors.
  noCheck: true,
  outDir: '/declarations',
};

/**
 * @param {readonly string[]} entries source files, such as `index.ts`
 * @returns {Map<string, string>} the text of each declaration file by its path in the package
 */
export function declarationsOf(entries) {
  const program = ts.createProgram(
    [...entries.map((entry) => path.join(SOURCES, entry)), QUESTIONS],
    OPTIONS,
    host(),
  );
  const files = reachable(
    emitted(program),
    entries.map((entry) => entry.replace(/\.ts$/, '.d.ts')),
  );
  const names = new Set([...files.values()].flatMap(namesFromContract));
  const texts = [...files].map(([file, text]) => /** @type {const} */ ([file, rewritten(file, text)]));
  return new Map([...texts, ['contract.d.ts', contractTypes([...names].sort(), new TypePrinter(program))]]);
}

/** A host for which the module of questions exists. */
function host() {
  const files = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = files;
  files.fileExists = (name) => name === QUESTIONS || fileExists(name);
  files.getSourceFile = (name, ...rest) =>
    name === QUESTIONS
      ? ts.createSourceFile(name, questions(namesInSources()), ts.ScriptTarget.Latest, true)
      : getSourceFile(name, ...rest);
  return files;
}

/** @param {ts.Program} program @returns {Map<string, string>} */
function emitted(program) {
  const files = new Map();
  program.emit(undefined, (name, text, _mark, _error, sources) => {
    const source = path.relative(SOURCES, sources?.[0]?.fileName ?? '');
    const isOurs = !source.startsWith('..') && sources?.[0]?.fileName !== QUESTIONS;
    if (name.endsWith('.d.ts') && isOurs) files.set(source.replace(/\.ts$/, '.d.ts'), text);
  });
  return files;
}

/**
 * @param {Map<string, string>} files @param {readonly string[]} entries
 * @returns {Map<string, string>} the declarations that the entries need; those of internal modules are left out
 */
function reachable(files, entries) {
  const found = new Map();
  const add = (/** @type {string} */ file) => {
    const text = files.get(file);
    if (text === undefined || found.has(file)) return;
    found.set(file, text);
    for (const [, specifier = ''] of text.matchAll(/from\s+["'](\.{1,2}\/[^"']*)\.ts["']/g))
      add(`${path.join(path.dirname(file), specifier)}.d.ts`);
  };
  entries.forEach(add);
  return found;
}

/** What any source of the client imports from the contract. */
function namesInSources() {
  const files = typescriptFiles().filter((file) => file.startsWith('packages/sdk/src/') && !isTestFile(file));
  return new Set(files.flatMap((file) => namesFromContract(readFileSync(path.join(root, file), 'utf8'))));
}

/** @param {string} text @returns {string[]} what a module imports from the contract */
function namesFromContract(text) {
  const { statements } = ts.createSourceFile('a.d.ts', text, ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
    const from = isImport && statement.moduleSpecifier;
    if (!from || !ts.isStringLiteral(from) || !from.text.startsWith('@latchkey/contract')) return [];
    const named = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : statement.exportClause;
    if (!named || !('elements' in named))
      throw new Error(`The client must import by name: ${statement.getText()}`);
    return [...named.elements].map(({ name, propertyName }) => (propertyName ?? name).text);
  });
}

/** @param {string} file @param {string} text with the specifiers that hold in the package */
function rewritten(file, text) {
  const contract = `${'../'.repeat(file.split(path.sep).length - 1) || './'}contract.js`;
  return text
    .replace(CONTRACT, `'${contract}'`)
    .replace(/(from\s+["']\.{1,2}\/[^"']*)\.ts(["'])/g, '$1.js$2');
}

/** @param {readonly string[]} names @param {TypePrinter} printer @returns {string} declarations of these names without an import */
function contractTypes(names, printer) {
  const plain = names.filter((name) => /^[A-Z]/.test(name) && !OWN.includes(name));
  const endpoints = names.filter((name) => /^[a-z]/.test(name));
  return `${[
    ...plain.map((name) => `export type ${name} = ${printer.named(name)};`),
    'export interface Endpoint {',
    ...PARTS.map((part) => `  readonly ${part}: unknown;`),
    '}',
    ...PARTS.map((part) => `export type ${genericOf(part)}<E extends Endpoint> = E['${part}'];`),
    ...endpoints.map((name) => {
      const parts = PARTS.map((part) => `  readonly ${part}: ${printer.printed(`${name}_${part}`)};`);
      return `export declare const ${name}: {\n${parts.join('\n')}\n};`;
    }),
  ].join('\n')}\n`;
}

/** @param {Iterable<string>} names @returns {string} a module with an alias for each type that may be written out */
function questions(names) {
  const aliases = [...names].flatMap((name) => [
    `export type ${name} = contract.${name};`,
    ...PARTS.map(
      (part) => `export type ${name}_${part} = contract.${genericOf(part)}<typeof contract.${name}>;`,
    ),
  ]);
  return [`import type * as contract from '@latchkey/contract';`, ...aliases].join('\n');
}

/** Writes out types. A type that has a name of the contract is written as this name. */
class TypePrinter {
  #checker;
  #types;
  /** @type {Map<string, string>} names by what they are written out as */
  #names = new Map();

  /** @param {ts.Program} program with the module of questions */
  constructor(program) {
    const file = program.getSourceFile(QUESTIONS);
    if (!file) throw new Error('The types of the contract cannot be read');
    this.#checker = program.getTypeChecker();
    const aliases = file.statements.filter(ts.isTypeAliasDeclaration);
    this.#types = new Map(
      aliases.map(({ name, type }) => [name.text, this.#checker.getTypeFromTypeNode(type)]),
    );
  }

  /** Writes out the alias, and uses its name from then on. */
  named(/** @type {string} */ name) {
    const text = this.printed(name);
    if (text.length > 20 && !this.#names.has(text)) this.#names.set(text, name);
    return text;
  }

  printed(/** @type {string} */ alias) {
    const type = this.#types.get(alias);
    if (!type) throw new Error(`There is no type ${alias}`);
    return this.#print(type);
  }

  /** @param {ts.Type} type @returns {string} */
  #print(type) {
    const text = this.#spelled(type);
    return this.#names.get(text) ?? text;
  }

  /** @param {ts.Type} type @returns {string} */
  #spelled(type) {
    if (type.flags & ts.TypeFlags.Any) throw new Error('The client uses a type of the contract that is any');
    if (type.isUnion()) return this.#union(type.types);
    if (type.isIntersection()) return type.types.map((one) => this.#print(one)).join(' & ');
    if (!(type.flags & ts.TypeFlags.Object)) return this.#checker.typeToString(type);
    const [item] = this.#checker.getTypeArguments(/** @type {ts.TypeReference} */ (type));
    if (this.#checker.isArrayType(type) && item) {
      const list = /[ |&]/.test(this.#print(item)) ? `(${this.#print(item)})[]` : `${this.#print(item)}[]`;
      return type.symbol.name === 'ReadonlyArray' ? `readonly ${list}` : list;
    }
    return this.#object(type);
  }

  /** @param {readonly ts.Type[]} types */
  #union(types) {
    const texts = new Set(types.map((one) => this.#print(one)));
    if (texts.has('true') && texts.delete('false')) {
      texts.delete('true');
      texts.add('boolean');
    }
    return [...texts].join(' | ');
  }

  /** @param {ts.Type} type */
  #object(type) {
    const properties = type.getProperties().map((property) => this.#property(property));
    const indexes = this.#checker
      .getIndexInfosOfType(type)
      .map((info) => `[name: ${this.#print(info.keyType)}]: ${this.#print(info.type)};`);
    const members = [...properties, ...indexes];
    return members.length === 0 ? 'Record<never, never>' : `{ ${members.join(' ')} }`;
  }

  /** @param {ts.Symbol} property */
  #property(property) {
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const type = this.#checker.getTypeOfSymbol(property);
    const printed =
      isOptional && type.isUnion()
        ? this.#union(type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined)))
        : this.#print(type);
    const value = this.#names.get(printed) ?? printed;
    return `${property.name}${isOptional ? '?' : ''}: ${value};`;
  }
}
