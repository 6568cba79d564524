import { z } from 'zod';
import { type Contract, contracts, feedbackRawType } from '#contracts';

/** The written form of every contract, JSON Schema 2020-12 of what producers send, by CloudEvents type. */
export function jsonSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.values(contracts).map((contract: Contract<unknown>) => [
      contract.type,
      {
        $id: `urn:phanhoi:${contract.type}`,
        title: contract.type,
        ...z.toJSONSchema(contract.schema, { io: 'input' }),
      },
    ]),
  );
}

/** Types whose records carry bytes as they came, hence have no schema. */
export const opaqueTypes = [feedbackRawType];
