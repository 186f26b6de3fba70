import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { Problem } from '../../ui/notices.tsx';
import classes from './sign-in.module.css';

const EMAIL_MAX = 254;

/** Requests a link by e-mail. The answer is the same for every address. */
export function MailForm({ isFirst }: { isFirst: boolean }) {
  const [email, setEmail] = useState('');
  const request = useMutation({ mutationFn: () => latchkey.sessions.requestSignInLink(email.trim()) });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        request.mutate();
      }}
    >
      <TextInput
        label="Your e-mail address"
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        maxLength={EMAIL_MAX}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      {request.error && <Problem error={request.error} />}
      <Button type="submit" variant={isFirst ? 'filled' : 'default'} fullWidth loading={request.isPending}>
        Mail me a sign-in link
      </Button>
      <p role="status" className={classes.done}>
        {request.isSuccess &&
          'If the address is known here, a mail with a link is on its way. The link works once, for 15 minutes.'}
      </p>
    </form>
  );
}
