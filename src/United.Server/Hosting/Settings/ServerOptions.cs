namespace United.Server.Hosting.Settings;

/// <summary>Where the program listens, and where it keeps what it is told.</summary>
internal sealed record ServerOptions
{
    public required string[] Urls { get; init; }

    /// <summary>The address that people use, where a proxy stands before the program: scheme, host, port, without a slash at the end.</summary>
    public required string PublicUrl { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>Empty: SQLite in the data directory.</summary>
    public required string PostgresConnection { get; init; }

    /// <summary>Proxies whose Forwarded headers are believed: addresses or networks.</summary>
    public required string[] TrustedProxies { get; init; }

    /// <summary>Origins of other sites whose pages may call this server.</summary>
    public required string[] CorsOrigins { get; init; }

    /// <summary>Who sits at the machine itself may make the owner's account without the set-up link.</summary>
    public required bool AllowLoopbackSetup { get; init; }

    /// <summary>How long everything is still served, not ready any more, before the stop.</summary>
    public required TimeSpan StopWait { get; init; }

    public string SqliteFile => Path.Combine(DataDirectory, "united.db");

    public static ServerOptions Read(SettingsReader settings)
    {
        var options = new ServerOptions
        {
            Urls = settings.Text("Urls", "http://127.0.0.1:8080", "addresses, apart by ;", "Where the server listens. TLS is a proxy's work.")
                .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            PublicUrl = settings.Text("PublicUrl", "", "http(s)://host[:port]", "The address that people type, if a proxy stands in front. Sign-in with a key is bound to it.").TrimEnd('/'),
            DataDirectory = settings.Text("Data", "data", "a directory", "What the server keeps on disk: the SQLite database and its lock."),
            PostgresConnection = settings.Text("Database", "", "a PostgreSQL connection string", "Where the data is kept. Empty: SQLite in the data directory."),
            TrustedProxies = settings.List("Proxies:Trusted", "addresses or networks", "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Empty: none."),
            CorsOrigins = settings.List("Cors:Origins", "origins", "Other sites whose pages may use this server, for REST and sockets alike. Empty: only its own."),
            StopWait = settings.Seconds("Stop:WaitSeconds", 0, 0, 60, "How long to go on serving after the wish to stop, with /health/ready at 503: time for a balancer to notice."),
            AllowLoopbackSetup = settings.Flag("Setup:AllowLoopback", true, "The first account may be made from this machine without the set-up link. Turn it off behind a proxy that adds no X-Forwarded-For."),
        };
        options.Check(settings);
        return options;
    }

    private void Check(SettingsReader settings)
    {
        if (Urls.Length == 0 || !Array.TrueForAll(Urls, IsHttp)) settings.Wrong("Urls", "must be addresses such as http://127.0.0.1:8080");
        if (PublicUrl.Length > 0 && !IsOrigin(PublicUrl)) settings.Wrong("PublicUrl", "must be scheme, host and port only, such as https://chat.example.org");
        if (!Array.TrueForAll(CorsOrigins, IsOrigin)) settings.Wrong("Cors:Origins", "must be origins, such as https://app.example.org");
        if (!Array.TrueForAll(TrustedProxies, proxy => Proxies.TryParse(proxy, out _))) settings.Wrong("Proxies:Trusted", "must be addresses or networks, such as 10.0.0.0/8");
    }

    private static bool IsHttp(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(url.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal), UriKind.Absolute, out var parsed)
        && parsed.PathAndQuery == "/";

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase);
}
