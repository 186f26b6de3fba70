import { createTheme } from '@mantine/core';
import classes from './theme.module.css';

/** Menus fade in 120 ms, dialogs in 160 ms; nothing else moves. */
const MENU_MS = 120;
const DIALOG_MS = 160;
const fade = (duration: number) => ({ transition: 'fade', duration }) as const;

/**
 * The form that the design gives to components of Mantine, by their names, so that none is loaded before a screen needs it. The
 * colours are in tokens.css.
 */
export const theme = createTheme({
  primaryColor: 'blue',
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { variant: 'default' }, classNames: { root: classes.button } },
    Input: { classNames: { input: classes.input } },
    InputWrapper: { classNames: { label: classes.label, error: classes.error } },
    Checkbox: { classNames: { input: classes.checkbox } },
    SegmentedControl: {
      defaultProps: { transitionDuration: 0 },
      classNames: { root: classes.segments, label: classes.segment, indicator: classes.segmentIndicator },
    },
    Menu: {
      defaultProps: { transitionProps: fade(MENU_MS), position: 'bottom-end', shadow: 'md' },
      classNames: { dropdown: classes.dropdown, item: classes.menuItem },
    },
    Tooltip: {
      defaultProps: { transitionProps: fade(MENU_MS), events: { hover: true, focus: true, touch: true } },
      classNames: { tooltip: classes.tooltip },
    },
    Modal: {
      // Mantine's lock would insert a style, which the content security policy does not allow: base.css has it.
      defaultProps: { lockScroll: false, transitionProps: fade(DIALOG_MS), centered: true },
      classNames: { content: classes.dialog, overlay: classes.overlay },
    },
  },
});
