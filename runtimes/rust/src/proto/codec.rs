//! A protobuf codec for tonic, with the failures of the contract.

use std::marker::PhantomData;

use prost::Message;
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// Encodes and decodes messages, and reports invalid protobuf as an error of the client (RPC-4, ERROR-3, ERROR-4).
/// tonic's own codec fails with INTERNAL and the message of its protobuf library.
pub struct ContractCodec<Outgoing, Incoming>(PhantomData<(Outgoing, Incoming)>);

impl<Outgoing, Incoming> Default for ContractCodec<Outgoing, Incoming> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<Outgoing, Incoming> Codec for ContractCodec<Outgoing, Incoming>
where
    Outgoing: Message + 'static,
    Incoming: Message + Default + 'static,
{
    type Encode = Outgoing;
    type Decode = Incoming;
    type Encoder = Write<Outgoing>;
    type Decoder = Read<Incoming>;

    fn encoder(&mut self) -> Self::Encoder {
        Write(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        Read(PhantomData)
    }
}

pub struct Write<Outgoing>(PhantomData<Outgoing>);

impl<Outgoing: Message> Encoder for Write<Outgoing> {
    type Item = Outgoing;
    type Error = Status;

    fn encode(&mut self, message: Outgoing, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message
            .encode(buffer)
            .map_err(|_| Status::internal("The response cannot be encoded"))
    }
}

pub struct Read<Incoming>(PhantomData<Incoming>);

impl<Incoming: Message + Default> Decoder for Read<Incoming> {
    type Item = Incoming;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Incoming>, Status> {
        Incoming::decode(buffer)
            .map(Some)
            .map_err(|_| Status::invalid_argument("The request message is not valid protobuf"))
    }
}
