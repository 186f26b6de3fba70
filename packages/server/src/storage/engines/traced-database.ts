import {
  AliasNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  type RootOperationNode,
  SelectQueryNode,
  TableNode,
} from 'kysely';
import type { SpanAttributes, Tracer } from '../../domain/shared/telemetry.ts';
import type { Tables } from '../tables.ts';
import type { Database } from './engine.ts';
import { overConnections } from './over-connection.ts';

/** The same database with a span for each unit of work, and for each statement outside of one. */
export function tracedDatabase(database: Database, tracer: Tracer): Database {
  const system = { 'db.system.name': database.system };
  const traced = (db: Kysely<Tables>) => tracedStatements(db, database, tracer);
  return {
    ...database,
    db: traced(database.db),
    lookups: traced(database.lookups),
    lists: traced(database.lists),
    forExport: () => traced(database.forExport()),
    transact: (work) => tracer.span('TRANSACTION', system, () => database.transact(work)),
  };
}

function tracedStatements(db: Kysely<Tables>, { dialect, system }: Database, tracer: Tracer): Kysely<Tables> {
  const untraced = db.getExecutor();
  const tracedConnection = (connection: DatabaseConnection): DatabaseConnection => ({
    executeQuery<Row>(query: CompiledQuery) {
      const { name, attributes } = statementOf(query.query);
      const run = () => connection.executeQuery<Row>(query);
      return tracer.span(name, { 'db.system.name': system, ...attributes }, run);
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  });
  return overConnections(db, dialect, {
    provideConnection: (consumer) =>
      untraced.provideConnection((connection) => consumer(tracedConnection(connection))),
  });
}

/** The operation and the table that is read first. No part of the statement itself, since it may contain values. */
function statementOf(node: RootOperationNode): { name: string; attributes: SpanAttributes } {
  if (!SelectQueryNode.is(node)) return { name: 'STATEMENT', attributes: {} };
  const operation = { 'db.operation.name': 'SELECT' };
  const [first] = node.from?.froms ?? [];
  const source = first && AliasNode.is(first) ? first.node : first;
  if (!source || !TableNode.is(source)) return { name: 'SELECT', attributes: operation };
  const table = source.table.identifier.name;
  return { name: `SELECT ${table}`, attributes: { ...operation, 'db.collection.name': table } };
}
