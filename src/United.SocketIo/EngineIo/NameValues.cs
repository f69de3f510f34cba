using System.Collections;

namespace United.SocketIo.EngineIo;

/// <summary>A few names with their values, kept for as long as a session lives: an array costs a fraction of a dictionary.</summary>
public sealed class NameValues : IEnumerable<KeyValuePair<string, string>>
{
    internal static readonly NameValues None = new([]);

    private readonly KeyValuePair<string, string>[] _pairs;

    internal NameValues(IEnumerable<KeyValuePair<string, string>> pairs) => _pairs = [.. pairs];

    public int Count => _pairs.Length;

    /// <summary>Null where there is none. Names are compared without case.</summary>
    public string? this[string name] => Array.Find(_pairs, pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
