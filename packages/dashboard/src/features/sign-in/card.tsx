import { type ReactNode, useEffect, useRef } from 'react';
import { linkToken } from '../../data/passing-secrets.ts';
import { IconKey } from '../../ui/icons.ts';
import classes from './sign-in.module.css';

interface CardProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
}

/** The card of the pages without a session. The title gets the focus when it changes, so that a screen reader continues there. */
export function Card({ title, children, footer }: CardProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(title);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
    if (shown.current !== title) heading.current?.focus();
    shown.current = title;
  }, [title]);
  return (
    <main className={classes.page}>
      <p className={classes.brand}>
        <span className={classes.mark} aria-hidden>
          <IconKey size={20} stroke={2} />
        </span>
        Latchkey
      </p>
      <div className={classes.card}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
      {footer && <p className={classes.footer}>{footer}</p>}
    </main>
  );
}

/** Takes the token of a second link that is opened in this tab: it changes only the fragment of the URL. */
export function useOpenedLink(onOpened: () => void): void {
  useEffect(() => {
    const take = (): void => {
      if (location.hash === '') return;
      linkToken.take();
      onOpened();
    };
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, [onOpened]);
}
