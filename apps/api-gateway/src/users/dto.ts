// What may be said about users?
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsEmail, IsOptional, IsString, Length, MaxLength } from 'class-validator';

export class LoginBody {
  @ApiProperty() @IsString() @MaxLength(64) username!: string;
  @ApiProperty() @IsString() @MaxLength(1024) password!: string;
}

/** A name with its password, or a token. */
export class SessionBody {
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(64) username?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(1024) password?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(512) token?: string;
}

export class NewUserBody {
  @ApiProperty({ pattern: '^[-a-zA-Z0-9_]{1,64}$' }) @IsString() username!: string;
  @ApiProperty({ minLength: 8 }) @IsString() @Length(8, 1024) password!: string;
  /** The original client reads back only addresses with a dot in the domain. */
  @ApiPropertyOptional({ type: String, nullable: true }) @IsOptional() @IsEmail() email?: string | null;
  @ApiPropertyOptional() @IsOptional() @IsBoolean() is_superuser?: boolean;
}
