namespace United.Server.Hosting;

/// <summary>What every answer tells the browser not to do.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>Of the web client: nothing inline, nothing from elsewhere, WebAssembly for the cryptography worker.</summary>
    public const string PagePolicy =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types united-urls";

    private const string DataPolicy = "default-src 'none'; frame-ancestors 'none'";
    private const long YearInSeconds = 31_536_000;

    public Task Invoke(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()";
        headers.ContentSecurityPolicy = DataPolicy;
        if (context.Request.IsHttps) headers.StrictTransportSecurity = $"max-age={YearInSeconds}";
        // What the API tells is for one person at one moment; routes that may be kept say so themselves.
        if (context.Request.Path.StartsWithSegments("/api")) headers.CacheControl = "no-store";
        return next(context);
    }
}
