// Which metrics does the address ask for?

const namesMax = 20;

/** Names are whatever programs call them; each is encoded, so that it may hold a comma. Null: the platform's first few. */
export function chosenIn(text: string | null): readonly string[] | null {
  if (text === null) return null;
  return [...new Set(text.split(',').filter((one) => one !== '').map(decoded))].slice(0, namesMax);
}

export function chosenText(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(',');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
