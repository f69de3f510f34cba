using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace United.Core.Tests;

/// <summary>
/// How many histories are generated, and how long. They are the same in every run, so that a failure belongs to the change that it is seen
/// with; the environment's <c>UNITED_SEED</c> asks for others: a number, or <c>random</c> for new ones each time.
/// </summary>
internal static class Histories
{
    private const ulong Gamma = 0x9e3779b97f4a7c15;

    private static readonly string Seed = Environment.GetEnvironmentVariable("UNITED_SEED") ?? "1";

    public static Config Of(int count, int size)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithEndSize(size);
        return Seed == "random" ? config : config.WithReplay(ulong.Parse(Seed, CultureInfo.InvariantCulture), Gamma);
    }
}
