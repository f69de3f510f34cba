namespace United.Core.Media;

/// <summary>Where uploads lie, and how much of them there may be.</summary>
public sealed record MediaOptions
{
    /// <summary>Several nodes on one database share it.</summary>
    public required string Directory { get; init; }

    /// <summary>Bytes of one upload.</summary>
    public long MostBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>Bytes of all that one account has uploaded and that was not collected.</summary>
    public long QuotaBytes { get; init; } = 1024L * 1024 * 1024;
}
