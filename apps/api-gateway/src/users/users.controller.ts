// From HTTP to users and their tokens.
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { UserBody } from '#contracts';
import { Refusal } from '#decider';
import { Access, TheCaller } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { nameOf, tokenIn, type Caller } from '../http/authentication.ts';
import { claimOf } from '../http/idempotent-requests.ts';
import { objectSchema, tokenSchema, userSchema } from '../http/schemas.ts';
import { LoginBody, NewUserBody } from './dto.ts';
import { userBody, Users } from './users.ts';

@ApiTags('users')
@Controller('api/v1/users')
export class UsersController {
  constructor(private readonly users: Users) {}

  @Post('token')
  @HttpCode(200)
  @Access('public')
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @Answers('a new token of this user', tokenSchema)
  async login(@Body() { username, password }: LoginBody): Promise<{ token: string }> {
    return { token: await this.users.login(username, password) };
  }

  @Delete('token')
  @HttpCode(204)
  @Access('login')
  @Answers('the token that was sent is good for nothing any more', null, { status: 204 })
  async logout(@Req() request: FastifyRequest): Promise<void> {
    const token = tokenIn(request.headers.authorization);
    if (token) await this.users.logout(token);
  }

  @Get()
  @Access('login')
  @Answers('who the token belongs to', userSchema)
  whoAmI(@TheCaller() caller: Caller): UserBody {
    if (caller.kind !== 'user') throw new TypeError('login is for users');
    return userBody(caller.user);
  }

  /** Everybody is, from the start: there is nothing to do for it. */
  @Post('activate/:username')
  @HttpCode(200)
  @Access('admin')
  @Answers('this user may log in', objectSchema)
  async activate(@Param('username') username: string): Promise<object> {
    await this.users.known(username);
    return {};
  }

  @Delete('delete/:username')
  @HttpCode(204)
  @Access('admin')
  @Answers('nobody is called so any more, and the tokens are good for nothing', null, { status: 204 })
  async delete(@Param('username') username: string, @TheCaller() caller: Caller): Promise<void> {
    await this.users.delete(username, nameOf(caller));
  }

  @Post()
  @Access('admin')
  @Answers('the new user', userSchema, { status: 201 })
  async create(@Body() { username, password, email, is_superuser: isSuperuser = false }: NewUserBody, @Req() request: FastifyRequest): Promise<UserBody> {
    try {
      return userBody(await this.users.create({ username, password, email: email ?? null, isSuperuser }));
    } catch (error) {
      const made = claimOf(request)?.again && error instanceof Refusal && error.code === 'user-exists' ? await this.users.find(username) : null;
      if (!made) throw error;
      return userBody(made); // by the try before this one, which could not answer
    }
  }
}
