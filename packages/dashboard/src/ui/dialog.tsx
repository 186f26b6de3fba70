import { ActionIcon, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useFocusReturn } from './focus-return.ts';
import { IconX } from './icons.ts';
import classes from './ui.module.css';

const PHONE = '(max-width: 699px)';

interface DialogProps {
  readonly title: ReactNode;
  /** A line above the title. */
  readonly step?: string;
  readonly width: number;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  /** Left out: the dialog is closed only by its own buttons, not by Escape or a click outside of it. */
  readonly onClose?: () => void;
  /** On a phone, the dialog covers the screen. */
  readonly isTall?: boolean;
}

/** A modal dialog. The focus returns to its opener. */
export function Dialog({ title, step, width, children, footer, onClose, isTall = false }: DialogProps) {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const close = onClose ?? (() => undefined);
  useFocusReturn();
  return (
    <Modal.Root
      opened
      onClose={close}
      size={width}
      fullScreen={isTall && isPhone}
      closeOnEscape={onClose !== undefined}
      closeOnClickOutside={onClose !== undefined}
      lockScroll={false}
      centered
      classNames={{ content: isTall ? `${classes.dialog} ${classes.tall}` : classes.dialog }}
    >
      <Modal.Overlay />
      <Modal.Content>
        <div className={classes.dialogHead}>
          <div>
            {step && <p className={classes.step}>{step}</p>}
            <Modal.Title className={classes.dialogTitle}>{title}</Modal.Title>
          </div>
          {onClose && (
            <ActionIcon variant="subtle" color="gray" size={34} aria-label="Close" onClick={close}>
              <IconX size={18} stroke={1.75} />
            </ActionIcon>
          )}
        </div>
        <div className={classes.dialogBody}>{children}</div>
        {footer && <div className={classes.dialogFoot}>{footer}</div>}
      </Modal.Content>
    </Modal.Root>
  );
}
