// Everything from this server: no fonts, proxies, agents or telemetry from elsewhere (the page's policy refuses them too).
Scalar.createApiReference('#reference', {
  url: '/openapi/v1.json',
  theme: 'default',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
});
