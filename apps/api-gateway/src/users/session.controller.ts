// From HTTP to somebody who is logged in to the page.
import { Body, Controller, Delete, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UserBody } from '#contracts';
import { Refusal } from '#decider';
import { Access } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { userSchema } from '../http/schemas.ts';
import { sessionCookie, sessionIn } from '../http/session-cookie.ts';
import { SessionBody } from './dto.ts';
import { userBody, Users } from './users.ts';

@ApiTags('users')
@Controller('api/v1/users/session')
export class SessionController {
  constructor(private readonly users: Users) {}

  @Post()
  @HttpCode(200)
  @Access('public')
  @Answers('who is logged in now; the token is in a cookie that scripts can’t read', userSchema)
  async begin(@Body() { username, password, token: given }: SessionBody, @Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<UserBody> {
    const token = given ?? (await this.#login(username, password));
    const user = await this.users.ofToken(token);
    if (!user) throw new Refusal('not-authenticated', 'this token is nobody’s (any more)', 'polyaxon login');
    void reply.header('set-cookie', sessionCookie(headers, token)).header('cache-control', 'no-store');
    return userBody(user);
  }

  @Delete()
  @HttpCode(204)
  @Access('login')
  @Answers('nobody is logged in to the page any more', null, { status: 204 })
  async end(@Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const token = sessionIn(headers);
    if (token !== null) await this.users.logout(token);
    void reply.header('set-cookie', sessionCookie(headers, null));
  }

  #login(username: string | undefined, password: string | undefined): Promise<string> {
    if (username === undefined || password === undefined) throw new Refusal('request-invalid', 'a session is opened with a username and a password, or with a token');
    return this.users.login(username, password);
  }
}
