//! The Akeneo leg as its people meet it: the form, the trip to the PIM and back, the Activate URL, hand-off and rotation.

mod activate;
mod address;
mod broken;
mod credentials;
mod hand_off;
mod pinned;
mod rotation;
mod switches;
mod unfinished;
