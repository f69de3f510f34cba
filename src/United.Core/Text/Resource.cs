using System.Text;

namespace United.Core;

/// <summary>Lists that come with the program.</summary>
internal static class Resource
{
    /// <summary>The lines of an embedded text, without empty ones and comments (<c>#</c>).</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(typeof(Resource).Assembly.GetManifestResourceStream("United.Core." + name)!, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#') yield return line;
        }
    }
}
