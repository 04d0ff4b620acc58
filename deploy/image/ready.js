// A container's health check: whether /readyz of the service in it says so. The image has no other client of HTTP.
import { get } from 'node:http';

const port = process.env.ORRERY_HTTP_PORT ?? '9464';
const request = get({ host: '127.0.0.1', port, path: '/readyz', timeout: 3000 }, (response) => {
  response.pipe(process.stdout);
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', (error) => {
  console.log(error.message);
  process.exitCode = 1;
});
