# How does PyTorch go on from a whole model? polyaxon run -u -f pytorch_model.yml
import argparse
import re
import sys
import time

import torch
from polyaxon_client.tracking import atomic_write, latest_checkpoint, log_metrics, stop_requested

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float)
parser.add_argument('--epochs', type=int)
options = parser.parse_args()


class TheModelClass(torch.nn.Sequential):
    """A whole model is loaded by the name of its class: a newer program must keep it."""

    def __init__(self):
        super().__init__(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 3))


def report(what, epoch, **metrics):
    weights = sum(value.double().square().sum() for value in the_model.state_dict().values()).sqrt().item()
    log_metrics(step=epoch, weights=weights, **metrics)
    print('{} epoch {}, weights {:.6f}'.format(what, epoch, weights), flush=True)


stop_requested()  # from now on SIGTERM is a question
torch.manual_seed(1)
rows = torch.randn(150, 4)
labels = rows[:, :3].argmax(1)
the_model = TheModelClass()
epoch = 0

model_path = latest_checkpoint('checkpoint*.pth')
if model_path:
    the_model = torch.load(model_path, weights_only=False)  # unpickles: only what your own runs wrote
    epoch = int(re.search(r'checkpoint(\d+)', model_path).group(1))
optimizer = torch.optim.SGD(the_model.parameters(), lr=options.lr)

report('starts at', epoch)
while epoch < options.epochs:
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(the_model(rows), labels)
    loss.backward()
    optimizer.step()
    epoch += 1
    with atomic_write('checkpoint{}.pth'.format(epoch)) as path:  # half written it has another name
        torch.save(the_model, path)
    report('saved at', epoch, loss=loss)
    time.sleep(0.1)
    if stop_requested():
        sys.exit(143)
