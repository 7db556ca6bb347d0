import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { type AgentAccess, createAgentServer } from './server';

/** Answers one request of the streamable HTTP transport. Nothing is kept between requests, so that any gateway answers any of them. */
export async function answerAgent(request: Request, access: AgentAccess): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = createAgentServer(access);
  await server.connect(transport);
  return await transport.handleRequest(request);
}
