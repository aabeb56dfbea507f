// How is a screen loaded when it is first shown?
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { TroubleNote } from '../elements/trouble.tsx';
import { Waiting } from '../elements/waiting.tsx';

const unloaded = { code: 'away', detail: 'This part of the page could not be loaded: the platform does not answer, or it is a newer version now.' } as const;

/** What a new version of the platform has replaced can't be loaded any more: the page as a whole can. */
export function lazyScreen<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Screen(props: Props): JSX.Element {
    const [found, setFound] = useState<{ readonly screen?: ComponentType<Props> | undefined; readonly failed?: true }>({ screen: loaded });
    useEffect(() => {
      if (!loaded)
        load().then(
          (screen) => setFound({ screen: (loaded = screen) }),
          () => setFound({ failed: true }),
        );
    }, []);
    const Found = found.screen;
    if (Found) return <Found {...props} />;
    if (!found.failed) return <Waiting />;
    return <TroubleNote trouble={unloaded} retry={() => window.location.reload()} />;
  };
}
