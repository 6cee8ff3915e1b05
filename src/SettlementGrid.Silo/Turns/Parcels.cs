using System.Buffers;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;
using SettlementGrid.Enrollees;
using SettlementGrid.Enrollees.Canonical;

namespace SettlementGrid.Silo.Turns;

/// <summary>
/// A command on its way to its grain. Within a silo the very object arrives, since commands never change; between
/// machines <see cref="TurnBytes"/> do. So the domain needs no attribute of the runtime's serializer. No record:
/// whoever prints it must not print a person.
/// </summary>
public sealed class CommandParcel(Command command)
{
    public Command Command => command;
}

/// <summary>A turn's answer on its way back, likewise.</summary>
public sealed class AnswerParcel(Answer answer)
{
    public Answer Answer => answer;
}

/// <summary>Tells the runtime's serializer the bytes of <see cref="CommandParcel"/>.</summary>
[RegisterSerializer]
[RegisterCopier]
public sealed class CommandParcelCodec : IFieldCodec<CommandParcel>, IDeepCopier<CommandParcel>
{
    public void WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type expectedType, CommandParcel value)
        where TBufferWriter : IBufferWriter<byte> =>
        ParcelField.Write(ref writer, fieldIdDelta, expectedType, value, TurnBytes.Of(value.Command));

    public CommandParcel ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.IsReference)
            return ReferenceCodec.ReadReference<CommandParcel, TInput>(ref reader, field);
        var parcel = new CommandParcel(TurnBytes.ReadCommand(ParcelField.Read(ref reader, field)));
        ReferenceCodec.RecordObject(reader.Session, parcel);
        return parcel;
    }

    public CommandParcel DeepCopy(CommandParcel input, CopyContext context) => input;
}

/// <summary>Tells the runtime's serializer the bytes of <see cref="AnswerParcel"/>.</summary>
[RegisterSerializer]
[RegisterCopier]
public sealed class AnswerParcelCodec : IFieldCodec<AnswerParcel>, IDeepCopier<AnswerParcel>
{
    public void WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type expectedType, AnswerParcel value)
        where TBufferWriter : IBufferWriter<byte> =>
        ParcelField.Write(ref writer, fieldIdDelta, expectedType, value, TurnBytes.Of(value.Answer));

    public AnswerParcel ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.IsReference)
            return ReferenceCodec.ReadReference<AnswerParcel, TInput>(ref reader, field);
        var parcel = new AnswerParcel(TurnBytes.ReadAnswer(ParcelField.Read(ref reader, field)));
        ReferenceCodec.RecordObject(reader.Session, parcel);
        return parcel;
    }

    public AnswerParcel DeepCopy(AnswerParcel input, CopyContext context) => input;
}

/// <summary>A parcel in the runtime's stream: its type, a length, the bytes.</summary>
static class ParcelField
{
    public static void Write<TBufferWriter, T>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type expectedType, T value, byte[] bytes)
        where TBufferWriter : IBufferWriter<byte>
        where T : class
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value))
            return;
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(T), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)bytes.Length);
        writer.Write(bytes);
    }

    public static byte[] Read<TInput>(ref Reader<TInput> reader, Field field)
    {
        field.EnsureWireType(WireType.LengthPrefixed);
        return reader.ReadBytes(reader.ReadVarUInt32());
    }
}
