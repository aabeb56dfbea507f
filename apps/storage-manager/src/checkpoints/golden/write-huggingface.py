# With PyTorch and transformers 4.30: python3 write-huggingface.py FOLDER
import sys

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

model = BertForSequenceClassification(
    BertConfig(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, max_position_embeddings=16)
)
data = [{'input_ids': torch.tensor([1, 2, 3]), 'labels': torch.tensor(0)}] * 8
safe = '--safetensors' in sys.argv
arguments = TrainingArguments(
    sys.argv[1], max_steps=4, save_steps=2, per_device_train_batch_size=2, report_to=[], no_cuda=True, save_safetensors=safe, disable_tqdm=True
)
Trainer(model, arguments, train_dataset=data).train()
