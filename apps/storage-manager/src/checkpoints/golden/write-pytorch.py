# Which files does PyTorch really write? Run in this folder with a python3 that knows it (npm run stack -- frameworks).
import torch

state = torch.nn.Linear(1, 1).state_dict()
torch.save(state, 'epoch-5.pth')
torch.save(state, 'epoch-6.legacy.pt', _use_new_zipfile_serialization=False)
torch.jit.script(torch.nn.Linear(1, 1)).save('step-8.jit.pt')
