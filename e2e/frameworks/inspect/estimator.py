# What does the newest checkpoint of an Estimator hold, read without the program that wrote it? Prints [step, weights] for each folder.
import json
import sys

import numpy as np
import tensorflow as tf

for folder in sys.argv[1:]:
    reader = tf.train.load_checkpoint(folder)
    weights = [reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if name.startswith('dnn/')]
    print(json.dumps([int(reader.get_tensor('global_step')), float(np.sqrt(sum(np.sum(np.square(value, dtype=float)) for value in weights)))]))
