namespace United.Core.Messages;

/// <summary>
/// Cuts what gathered into runs of changes of one sort, as few and long as the order within each conversation allows: what stands
/// behind something of another sort in its own conversation waits for a later run. Watermarks, which keep no order with anything, are
/// a run of their own at the end.
/// </summary>
internal static class LaneParts
{
    public static IEnumerable<IReadOnlyList<LaneItem>> Of(IReadOnlyList<LaneItem> gathered) => gathered.Count == 1 ? [gathered] : Cut(gathered);

    private static IEnumerable<IReadOnlyList<LaneItem>> Cut(IReadOnlyList<LaneItem> gathered)
    {
        var watermarks = gathered.Where(item => item.Change is WatermarkChange).ToList();
        var left = watermarks.Count == 0 ? gathered : [.. gathered.Where(item => item.Change is not WatermarkChange)];
        while (left.Count > 0)
        {
            (var run, left) = Split(left, left[0].Change.Sort);
            yield return run;
        }
        if (watermarks.Count > 0) yield return watermarks;
    }

    private static (List<LaneItem> Run, List<LaneItem> Left) Split(IReadOnlyList<LaneItem> items, BatchSort? sort)
    {
        var (run, left, behind) = (new List<LaneItem>(items.Count), new List<LaneItem>(), new HashSet<Guid>());
        foreach (var item in items)
        {
            if (item.Change.Sort == sort && !behind.Contains(item.ConversationId)) run.Add(item);
            else
            {
                behind.Add(item.ConversationId);
                left.Add(item);
            }
        }
        return (run, left);
    }
}
