namespace United.Server.Hosting.Settings;

/// <summary>What the program tells its operator.</summary>
internal sealed record LogOptions
{
    public required LogLevel Level { get; init; }

    /// <summary>One JSON object a line, for machines; else text for people.</summary>
    public required bool Json { get; init; }

    /// <summary>Where an OpenTelemetry collector takes metrics and traces; empty: nowhere.</summary>
    public required string OtlpEndpoint { get; init; }

    public static LogOptions Read(SettingsReader settings)
    {
        var options = new LogOptions
        {
            Level = Enum.Parse<LogLevel>(settings.OneOf("Log:Level", ["Information", "Debug", "Warning", "Error"], "The least weight of what is logged.")),
            Json = settings.OneOf("Log:Format", ["text", "json"], "text for people, json for machines: one object a line.") == "json",
            OtlpEndpoint = settings.Text("Otlp:Endpoint", "", "an address", "Where an OpenTelemetry collector takes metrics and traces over gRPC, such as http://127.0.0.1:4317. Empty: nowhere."),
        };
        if (options.OtlpEndpoint.Length > 0 && !Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out _)) settings.Wrong("Otlp:Endpoint", "must be an address");
        return options;
    }
}
