// How are keys and parameters written in a URL, so that they are signed as they are sent?

/** Slashes stay. */
export function encoded(key: string): string {
  return /^[\w.~/-]*$/.test(key) ? key : key.split('/').map(encodedPart).join('/');
}

/** In the order of the names. */
export function queryOf(query: Readonly<Record<string, string>>): string {
  return Object.entries(query).map(([name, value]) => `${name}=${encodedPart(value)}`).sort().join('&');
}

function encodedPart(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
