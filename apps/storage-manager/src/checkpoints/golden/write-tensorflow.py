# Which files do TensorFlow 2.15 and Keras 2.15 really write? Run in this folder with a python3 that knows them (npm run stack -- frameworks).
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
model.compile('sgd', loss='mse')
model.save_weights('epoch-0003.weights.h5')
model.save('epoch-0003.h5')
model.save('epoch-0003.keras')
tf.train.Checkpoint(model=model).write('ckpt-7')
model.save_weights('cp-0004.ckpt')
