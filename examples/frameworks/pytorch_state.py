# How does PyTorch go on from a state_dict? polyaxon run -u -f pytorch_state.yml
import argparse
import os
import sys
import time

import torch
from polyaxon_client.tracking import atomic_write, get_outputs_path, log_metrics, stop_requested

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float)
parser.add_argument('--epochs', type=int)
options = parser.parse_args()


class TheModelClass(torch.nn.Sequential):
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
optimizer = torch.optim.Adam(the_model.parameters(), lr=options.lr)
epoch = 0

model_path = '{}/checkpoint.pth'.format(get_outputs_path())
if os.path.exists(model_path):
    saved = torch.load(model_path)
    epoch = saved['epoch']
    the_model.load_state_dict(saved['model'])
    optimizer.load_state_dict(saved['optimizer'])
    for group in optimizer.param_groups:
        group['lr'] = options.lr  # the optimizer's state holds the rate it had

report('starts at', epoch)
while epoch < options.epochs:
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(the_model(rows), labels)
    loss.backward()
    optimizer.step()
    epoch += 1
    with atomic_write('checkpoint.pth') as path:  # a kill leaves the one before whole
        torch.save({'epoch': epoch, 'model': the_model.state_dict(), 'optimizer': optimizer.state_dict()}, path)
    report('saved at', epoch, loss=loss)
    time.sleep(0.1)
    if stop_requested():
        sys.exit(143)
