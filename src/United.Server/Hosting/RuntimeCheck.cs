namespace United.Server.Hosting;

/// <summary>Older runtimes of .NET 10 accept forged DataProtection cookies (CVE-2026-40372) and have known smuggling flaws.</summary>
internal static class RuntimeCheck
{
    private static readonly Version Least = new(10, 0, 7);

    /// <exception cref="PlatformNotSupportedException">The runtime is too old.</exception>
    public static void Demand(Version runtime)
    {
        if (runtime < Least) throw new PlatformNotSupportedException($"This .NET runtime ({runtime}) has known security flaws. United needs {Least} or newer.");
    }
}
