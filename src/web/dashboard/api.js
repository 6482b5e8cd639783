// What is asked of the server: JSON in, JSON out. What changes something carries the token of the page.

const token = document.querySelector('meta[name="lmstress-token"]')?.content ?? '';

/** What the server said, and what to do about it. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error ?? `the server answered with status ${status}`);
    this.status = status;
    this.advice = body?.advice ?? '';
    this.body = body ?? {};
  }
}

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new ApiError(0, { error: 'the server does not answer', advice: 'Is lmstress serve still running?' });
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    // an answer without JSON has its status only
  }
  if (!response.ok) throw new ApiError(response.status, body);
  return body;
}

/** parameters that are empty or absent are left out */
export function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const query = new URLSearchParams(given).toString();
  return answer(fetch(`/api/${path}${query && `?${query}`}`, { headers: { Accept: 'application/json' } }));
}

export const post = (path, body = {}) =>
  answer(
    fetch(`/api/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Lmstress-Token': token },
      body: JSON.stringify(body),
    }),
  );
