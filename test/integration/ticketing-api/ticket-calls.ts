import type { Answer, ApiUnderTest } from './api-under-test.js';

export const code = ({ status, body }: Answer) => [status, body.code];

/** What is done to a ticket, in few words. `api` is asked at each call, since it starts after the file is read. */
export function ticketCalls(api: () => ApiUnderTest) {
  const get = (number: string, as: 'agent' | 'supervisor' = 'supervisor') =>
    api().call({ url: `/api/v1/tickets/${number}`, as });
  return {
    get,
    etagOf: async (number: string) => String((await get(number)).headers.etag),
    patch: (number: string, body: unknown, headers: Record<string, string>) =>
      api().call({ method: 'PATCH', url: `/api/v1/tickets/${number}`, as: 'supervisor', body, headers }),
    post: (number: string, what: string, body: unknown, headers: Record<string, string> = {}) =>
      api().call({ method: 'POST', url: `/api/v1/tickets/${number}/${what}`, as: 'agent', body, headers }),
    aTeam: async (name: string, agents: string[] = []): Promise<string> => {
      const body = { name, agents };
      return String((await api().call({ method: 'POST', url: '/api/v1/teams', as: 'supervisor', body })).body.id);
    },
  };
}
