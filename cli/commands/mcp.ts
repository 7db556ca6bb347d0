import type { Command } from 'commander';
import { EXIT_CODES } from '@/cli/run-admin';

const HELP = `
For agents that start their tools as a program. It passes what they say on to the gateway, with the token of the bot:

  {"mcpServers": {"countersign": {"command": "npx", "args": ["countersign", "mcp"], "env": {"COUNTERSIGN_TOKEN": "cs_..."}}}}

Environment:
  COUNTERSIGN_TOKEN     token of the bot (countersign token create)
  COUNTERSIGN_GATEWAY   address of the gateway, default http://127.0.0.1:4020

Agents that speak HTTP use the gateway's /mcp itself, with the token as a bearer token.
${EXIT_CODES}`;

export function mcpCommand(program: Command): void {
  program
    .command('mcp')
    .description('MCP server for an agent, on standard input and output: reads, proposes trades, approves nothing')
    .addHelpText('afterAll', HELP)
    .action((_options: object, command: Command) => {
      const token = process.env['COUNTERSIGN_TOKEN'] ?? '';
      const gateway = process.env['COUNTERSIGN_GATEWAY'] || 'http://127.0.0.1:4020';
      if (token === '')
        command.error('error: set COUNTERSIGN_TOKEN to a token of Countersign; see: countersign token create --help', {
          exitCode: 2,
        });
      if (!URL.canParse(gateway))
        command.error(`error: COUNTERSIGN_GATEWAY is not an address: ${gateway}`, { exitCode: 2 });
      return passOn(new URL('/mcp', gateway), token);
    });
}

/** Passes messages between standard input and the gateway until the input ends. */
async function passOn(address: URL, token: string): Promise<void> {
  const [{ StdioServerTransport }, { StreamableHTTPClientTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/stdio.js'),
    import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
  ]);
  const agent = new StdioServerTransport();
  const gateway = new StreamableHTTPClientTransport(address, {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  gateway.onmessage = (message) => void agent.send(message);
  agent.onmessage = (message) => {
    gateway.send(message).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      process.stderr.write(`countersign mcp: ${text}\n`);
      // A request that was not answered is an error for the agent, not a silence.
      if ('id' in message && 'method' in message)
        void agent.send({ jsonrpc: '2.0', id: message.id, error: { code: -32_000, message: `the gateway: ${text}` } });
    });
  };
  const ended = new Promise<void>((resolve) => {
    agent.onclose = resolve;
    process.stdin.once('end', resolve);
  });
  await gateway.start();
  await agent.start();
  await ended;
  await gateway.close();
}
