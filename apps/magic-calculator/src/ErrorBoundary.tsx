import { paths } from 'contract';
import { Component, type ReactNode, useEffect } from 'react';
import { Heading } from './Heading.tsx';
import { declareLanguage, preferredLanguage } from './language.ts';
import { texts } from './texts.ts';

/** If rendering fails, shows an error and ways to recover. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? <BrokenScreen /> : this.props.children;
  }
}

function BrokenScreen() {
  const language = preferredLanguage();
  const text = texts[language];
  useEffect(() => {
    // After a failure in the first render, nothing else has done it.
    declareLanguage(language);
    document.title = `${text.errorTitle} · ${text.title}`;
  }, [language, text]);
  return (
    <main className="card">
      <Heading hasMoved describedBy="failure">
        {text.errorTitle}
      </Heading>
      <p className="failure" id="failure">
        {text.broken}
      </p>
      <button type="button" className="primary" onClick={() => location.reload()}>
        {text.reload}
      </button>
      {/* Opening the address starts with the empty form, whatever was shown before. */}
      <p>
        <a href={`${paths.site}/`}>{text.home}</a>
      </p>
    </main>
  );
}
