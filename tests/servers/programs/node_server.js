// An HTTPS server for old versions of node: node_server.js SETTINGS, a JSON object. Files named by key and cert are read;
// all else goes to https.createServer as it is.
var fs = require('fs'), https = require('https');
var settings = JSON.parse(process.argv[2]), options = settings.tls;
options.key = fs.readFileSync(settings.key);
options.cert = fs.readFileSync(settings.cert);
var server = https.createServer(options, function (request, response) { response.end('ok\n'); });
server.on('clientError', function () {});
server.listen(settings.port, settings.address);
