// Which numbers does a test take for chance, so that the same seed gives the same ones?

/** From 0 up to 1, as `Math.random`. */
export function seeded(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 4_294_967_296;
  };
}
