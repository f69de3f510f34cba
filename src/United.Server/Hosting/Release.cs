using System.Reflection;

namespace United.Server.Hosting;

/// <summary>Which version of the program this is.</summary>
internal static class Release
{
    public static string Version { get; } =
        typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
