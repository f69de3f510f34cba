using System.Reflection;
using United.Core.Storage;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace United.Testing;

/// <summary>Runs a theory once on SQLite and once on PostgreSQL. Its first parameter is the <see cref="Engine"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachDatabaseAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([new TheoryDataRow(Engine.Sqlite), new TheoryDataRow(Engine.Postgres)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
