using Xunit;

namespace United.Server.Tests.House;

/// <summary>The files that the house's own laws are about.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Paths from the root, with slashes. Nothing that was built.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
    [
        .. Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/node_modules/", StringComparison.Ordinal) && !path.Contains("/dist/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// A text that was looked at once and may change only on purpose. With APPROVE=1 in the environment the file is written
    /// instead: its difference then stands in the review.
    /// </summary>
    public static void Approve(string path, string text)
    {
        if (Environment.GetEnvironmentVariable("APPROVE") == "1") File.WriteAllText(PathOf(path), text);
        Assert.True(File.Exists(PathOf(path)) && Read(path) == text, $"{path} has changed. If that is meant: APPROVE=1 and run this test again, then read the difference.");
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "United.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
