import { QueryFailedError } from 'typeorm';
import { classifyDatabaseError, databaseErrorCode, isStaleStatement } from './classify-error.js';

const coded = (code: string, message = 'refused') => Object.assign(new Error(message), { code });

describe('classifyDatabaseError', () => {
  it.each([
    ['40001', 'transient', 'serialization failure'],
    ['40P01', 'transient', 'deadlock'],
    ['40003', 'transient', 'statement completion unknown'],
    ['55P03', 'transient', 'lock timeout'],
    ['57014', 'transient', 'statement timeout'],
    ['57P01', 'transient', 'terminated by an operator'],
    ['57P02', 'transient', 'crash of another backend'],
    ['57P03', 'transient', 'starting up'],
    ['08006', 'transient', 'connection failure'],
    ['08P01', 'transient', 'protocol violation'],
    ['53100', 'transient', 'disk full'],
    ['53300', 'transient', 'too many connections'],
    ['25P03', 'transient', 'idle in transaction'],
    ['25006', 'transient', 'a standby'],
    ['58030', 'transient', 'input/output error'],
    ['28P01', 'transient', 'role not provisioned'],
    ['3D000', 'transient', 'database not created'],
    ['3F000', 'transient', 'schema not created'],
    ['42P01', 'transient', 'table not migrated'],
    ['42703', 'transient', 'column not migrated'],
    ['23505', 'race', 'unique violation'],
    ['23503', 'race', 'foreign key violation'],
    ['23P01', 'race', 'exclusion violation'],
    ['22P02', 'permanent', 'not a uuid'],
    ['22021', 'permanent', 'a NUL in text'],
    ['22001', 'permanent', 'too long'],
    ['22003', 'permanent', 'out of range'],
    ['23502', 'permanent', 'null in a not-null column'],
    ['23514', 'permanent', 'check violation'],
    ['42601', 'unknown', 'syntax error'],
    ['25P02', 'unknown', 'in a failed transaction'],
    ['54000', 'unknown', 'program limit'],
    ['XX000', 'unknown', 'internal error'],
    ['P0001', 'unknown', 'raised by a trigger'],
    ['ECONNREFUSED', 'transient', 'server away'],
    ['ECONNRESET', 'transient', 'server killed'],
    ['EPIPE', 'transient', 'server killed'],
    ['ETIMEDOUT', 'transient', 'network gone'],
    ['ENOTFOUND', 'transient', 'name not resolved'],
    ['EAI_AGAIN', 'transient', 'name server away'],
    ['ERR_INVALID_ARG_TYPE', 'unknown', 'a bug of ours'],
  ])('%s is %s (%s)', (code, expected) => {
    expect(classifyDatabaseError(coded(code))).toBe(expected);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('takes the driver\'s "%s" for transient', (message) => {
    expect(classifyDatabaseError(new Error(message))).toBe('transient');
  });

  it.each([
    ['an error of TypeORM', new QueryFailedError('insert', [], coded('23505')), 'race'],
    ['a cause', new Error('storing failed', { cause: coded('22P02') }), 'permanent'],
    [
      'both addresses of localhost',
      new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')], 'no connection'),
      'transient',
    ],
    ['a cause without a code', new Error('x', { cause: new Error('Connection terminated unexpectedly') }), 'transient'],
  ])('looks into %s', (_name, error, expected) => {
    expect(classifyDatabaseError(error)).toBe(expected);
  });

  it.each([[undefined], [null], ['40001'], [{ code: '40001' }], [new TypeError('x is not a function')]])(
    'takes %p for unknown',
    (thrown) => {
      expect(classifyDatabaseError(thrown)).toBe('unknown');
    },
  );

  it('ends on an error that is its own cause', () => {
    const error: Error = new Error('odd');
    error.cause = error;
    expect(databaseErrorCode(error)).toBeUndefined();
    expect(classifyDatabaseError(error)).toBe('unknown');
  });

  it('tells a stale plan from a missing feature, though both are 0A000', () => {
    const stale = coded('0A000', 'cached plan must not change result type');
    const missing = coded('0A000', 'cross-database references are not implemented');
    expect([isStaleStatement(stale), classifyDatabaseError(stale)]).toEqual([true, 'transient']);
    expect([isStaleStatement(missing), classifyDatabaseError(missing)]).toEqual([false, 'unknown']);
  });
});
