// What does it run on, as the original asks?
import { createHash } from 'node:crypto';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ClusterBody, MachineBody, NodeBody } from '#contracts';
import { Refusal } from '#decider';
import { UsageReader } from '../resources/usage-reader.ts';
import { Access } from './access.ts';
import { Answers } from './answers.ts';
import { clusterSchema, nodeSchema } from './schemas.ts';

/** One node: the machine that runs experiments. */
const sequence = 1;

@ApiTags('cluster')
@Controller('api/v1')
export class ClusterController {
  constructor(private readonly usage: UsageReader) {}

  @Get('cluster')
  @Access('login')
  @Answers('what experiments run on', clusterSchema)
  async cluster(): Promise<ClusterBody> {
    const machine = await this.usage.machine();
    return { version_api: { platform: `${machine.system} ${machine.kernel}` }, nodes: [nodeOf(machine)] };
  }

  @Get('nodes/:sequence')
  @Access('login')
  @Answers('one machine', nodeSchema)
  async node(@Param('sequence') wanted: string): Promise<NodeBody> {
    if (wanted !== String(sequence)) throw new Refusal('path-not-found', `there is no node ${wanted}, only ${sequence}`, `polyaxon cluster -n ${sequence}`);
    return nodeOf(await this.usage.machine());
  }
}

function nodeOf({ name, processors, memoryBytes, system, kernel }: MachineBody): NodeBody {
  const digits = createHash('sha256').update(name).digest('hex');
  const uuid = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`; // of the name, so that it stays
  return { sequence, name, uuid, status: 'ready', hostname: name, role: 'master', memory: memoryBytes, cpu: processors, n_gpus: 0, os_image: system, kernel_version: kernel, gpus: [] };
}
