// How does a program save with its framework, so that a resume goes on from there?

const start = 'from polyaxon_client.tracking import get_outputs_path\n\n';

const recipes: readonly (readonly [framework: RegExp, recipe: string])[] = [
  [/keras/i, `${start}checkpoint = ModelCheckpoint('{}/epoch-{{epoch:04d}}.weights.h5'.format(get_outputs_path()), save_weights_only=True)\nmodel.fit(..., callbacks=[checkpoint])`],
  [/tensorflow/i, `${start}classifier = tf.estimator.DNNClassifier(..., model_dir=get_outputs_path())`],
];
const usual =
  "from polyaxon_client.tracking import atomic_write\n\nwith atomic_write('checkpoint.pth') as path:  # a kill leaves the one before whole\n" +
  "    torch.save({'epoch': epoch, 'model': model.state_dict(), 'optimizer': optimizer.state_dict()}, path)";

/** In Python. */
export function recipeOf(framework: string | null): string {
  return recipes.find(([pattern]) => pattern.test(framework ?? ''))?.[1] ?? usual;
}
