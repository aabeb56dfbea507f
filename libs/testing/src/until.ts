// Has it happened yet? Waits for a condition, never for a time.

/** Resolves with the first truthy answer of `condition`; after `timeoutMs` rejects, saying what it waited for and the last answer or error. */
export async function until<Answer>(what: string, condition: () => Promise<Answer> | Answer, timeoutMs = 10_000): Promise<NonNullable<Answer>> {
  const deadline = Date.now() + timeoutMs;
  for (let last: unknown; ; ) {
    try {
      last = await condition();
      if (last) return last as NonNullable<Answer>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms until ${what}; last seen: ${last instanceof Error ? last.stack : JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
