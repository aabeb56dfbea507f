# What does checkpoint.pth hold, read without the program that wrote it? Prints [epoch, weights] for each folder.
import json
import sys

import torch

for folder in sys.argv[1:]:
    saved = torch.load(folder + '/checkpoint.pth')
    print(json.dumps([saved['epoch'], sum(value.double().square().sum() for value in saved['model'].values()).sqrt().item()]))
