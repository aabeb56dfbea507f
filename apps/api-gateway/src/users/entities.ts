// Who is known, and by which tokens?
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { viewsSchema as schema } from '../views/view.ts';

@Entity({ name: 'users', schema })
export class UserRow {
  @PrimaryColumn({ type: 'text' }) username!: string;
  @Column({ type: 'text', nullable: true }) email!: string | null;
  @Column({ name: 'password_hash', type: 'text' }) passwordHash!: string;
  @Column({ name: 'is_superuser', type: 'boolean', default: false }) isSuperuser!: boolean;
  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' }) createdAt!: Date;
}

/** Only digests: who reads the table can't log in with it. */
@Entity({ name: 'tokens', schema })
@Index('tokens_by_user', ['username', 'createdAt'])
export class TokenRow {
  @PrimaryColumn({ type: 'text' }) digest!: string;
  @Column({ type: 'text' }) username!: string;
  /** Where it comes from: a login, or the environment of the service, which has one at most. */
  @Column({ type: 'text' }) origin!: 'login' | 'environment';
  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' }) createdAt!: Date;
}
