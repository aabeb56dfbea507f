# What does the newest whole model hold? Prints [epoch, weights] for each folder.
import glob
import json
import re
import sys

import torch


class TheModelClass(torch.nn.Sequential):
    pass


for folder in sys.argv[1:]:
    epoch = max(int(re.search(r'checkpoint(\d+)\.pth', path).group(1)) for path in glob.glob(folder + '/checkpoint*.pth'))
    the_model = torch.load('{}/checkpoint{}.pth'.format(folder, epoch), weights_only=False)
    print(json.dumps([epoch, sum(value.double().square().sum() for value in the_model.state_dict().values()).sqrt().item()]))
