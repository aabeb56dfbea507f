// Which versions go together? On the path of nearly every command, so it asks nobody.
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { polyaxonfileSchema } from '#polyaxonfile';
import { Access } from './access.ts';
import { Answers } from './answers.ts';
import { objectSchema } from './schemas.ts';

/** Of the original command line and client, which may say no word about theirs being another. */
const clients = { latest_version: '0.5.6', min_version: '0.5.0' };

const schema = polyaxonfileSchema();

@ApiTags('versions')
@Controller('api/v1')
export class VersionsController {
  @Get('versions/cli')
  @Access('public')
  @Answers('versions of the command line that may be used', objectSchema)
  cli() {
    return clients;
  }

  @Get('versions/platform')
  @Access('public')
  @Answers('versions of the platform', objectSchema)
  platform() {
    return clients;
  }

  @Get('versions/lib')
  @Access('public')
  @Answers('versions of the client library that may be used', objectSchema)
  lib() {
    return clients;
  }

  @Get('versions/chart')
  @Access('public')
  @Answers('version of the deployment', objectSchema)
  chart() {
    return { version: clients.latest_version };
  }

  /** No address to send errors to: what goes wrong on a user's machine stays there. */
  @Get('log_handler')
  @Access('public')
  @Answers('where the command line may send its errors: nowhere', objectSchema)
  logHandler() {
    return { dsn: null, environment: 'production', tags: {} };
  }

  /** Public, as an editor sends no token. */
  @Get('polyaxonfile.schema.json')
  @Access('public')
  @Answers('JSON Schema of polyaxonfiles, for editors', objectSchema)
  polyaxonfile() {
    return schema;
  }
}
