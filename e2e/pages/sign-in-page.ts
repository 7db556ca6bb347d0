import { ConsolePage } from './console-page';

export class SignInPage extends ConsolePage {
  protected readonly path = '/signin';

  /** Fills in and sends the form; does not wait for what comes of it. */
  async submit(email: string, password: string): Promise<void> {
    await this.byTestId('sign-in-email').fill(email);
    await this.byTestId('sign-in-password').fill(password);
    await this.byTestId('sign-in-submit').click();
  }

  /** Signs in and waits for the overview. */
  async signIn(user: { readonly email: string; readonly password: string }): Promise<void> {
    await this.submit(user.email, user.password);
    await this.page.waitForURL((url) => url.pathname === '/');
  }

  /** What the page says when it refused. */
  async problem(): Promise<string> {
    const problem = this.byTestId('sign-in-problem');
    await problem.filter({ hasText: /\S/ }).waitFor();
    return (await problem.textContent()) ?? '';
  }
}
