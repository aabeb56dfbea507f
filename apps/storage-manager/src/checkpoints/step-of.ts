// Which step does the name of a checkpoint tell?

/** Best first: `epoch=3-step=400` is at step 400. */
const words = ['global[-_.=]?step|step', 'iter(?:ation)?', 'epoch|ep', 'ckpt|checkpoint|cp|weights'];
const patterns = words.map((word) => new RegExp(`(?:^|[^a-z])(?:${word})s?[-_.=]?(\\d{1,15})(?!\\d)`, 'gi'));

/** Of its own name, else of the folder it is in (`checkpoint-500/model.safetensors`); null: neither tells. A bare number only counts as a whole name. */
export function stepOf(path: string): number | null {
  const [name = '', folder = ''] = path.split('/').reverse();
  return stepIn(name) ?? stepIn(folder);
}

function stepIn(name: string): number | null {
  for (const pattern of patterns) {
    const digits = [...name.matchAll(pattern)].at(-1)?.[1];
    if (digits) return Number(digits);
  }
  const [, bare] = /^(\d{1,15})(?:\.[a-z]\w*)*$/i.exec(name) ?? [];
  return bare ? Number(bare) : null;
}
