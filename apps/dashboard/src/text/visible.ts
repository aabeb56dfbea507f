// Which characters of what users and programs wrote can't be seen, or turn the rest around?

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Shown instead: nobody is to take one name for another. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => `⟨${character.charCodeAt(0).toString(16).padStart(4, '0')}⟩`);
}
