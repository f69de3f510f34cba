using System.Reflection;
using United.Core.Storage;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace United.Testing.Wires;

/// <summary>Runs a theory once per wire that offers the operations of chat, on each database. Its first parameters are the <see cref="WireKind"/> and the <see cref="Engine"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachWireAttribute : DataAttribute
{
    /// <summary>Only the wires that also make groups and direct conversations (<see cref="IConversationsDriver"/>).</summary>
    public bool OfConversations { get; init; }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<WireKind>().Where(wire => !OfConversations || wire is WireKind.Rest or WireKind.Proto)
            .SelectMany(wire => (TheoryDataRow[])[new(wire, Engine.Sqlite), new(wire, Engine.Postgres)])]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
